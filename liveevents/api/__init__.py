"""The live side as REST.

Promises a code and a sentence for every refusal.
Must not know templates.
"""
