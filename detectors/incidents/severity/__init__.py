"""How bad is it, and which rules say so?"""
