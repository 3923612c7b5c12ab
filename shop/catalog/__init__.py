"""What is for sale: products, their variants, pictures and files.

Promises clean text, whole variants and pictures in every size a page needs.
Must not know stock or price rules.
"""
