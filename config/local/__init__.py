"""What stands in for the outside on one machine: services, supervisor, a Stripe sandbox, a shop worth looking at.

It promises that one command starts and stops the whole house. Nothing outside this folder may know it.
"""
