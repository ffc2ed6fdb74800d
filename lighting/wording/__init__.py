"""How is it said to a person? Every sentence, in every language.

``say(fact)`` turns a code with values into a sentence; templates are English and pass through the gettext catalogue.
"""
