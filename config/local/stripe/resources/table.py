"""All endpoints, resource by resource. Earlier rows win, so fixed paths stand before those with ids."""

from config.local.stripe.resources import (
    balance,
    charges,
    customers,
    events,
    payment_intents,
    payment_methods,
    refunds,
    sessions,
    setup_intents,
    webhook_endpoints,
)

ENDPOINTS = (
    *balance.ENDPOINTS,
    *charges.ENDPOINTS,
    *customers.ENDPOINTS,
    *events.ENDPOINTS,
    *payment_intents.ENDPOINTS,
    *payment_methods.ENDPOINTS,
    *refunds.ENDPOINTS,
    *sessions.ENDPOINTS,
    *setup_intents.ENDPOINTS,
    *webhook_endpoints.ENDPOINTS,
)
