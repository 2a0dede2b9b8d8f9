"""How well and how fast does it work, measured over recordings and corpora?"""
