"""The same services as REST.

Promises a code and a sentence for every refusal.
Must not know templates.
"""
