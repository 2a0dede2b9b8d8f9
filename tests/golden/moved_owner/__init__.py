"""The page goes to the shop's front; the cause lies in the prices, and then in their database."""
