"""The hosted pages: where a buyer types a card, and where the bank asks its holder. Plain HTML, no script.

Promises: each page works at 360 px, with the keyboard and without JavaScript, and says what went wrong at the field.
Must not know: the API; what a press of a button does is `paying`.
"""
