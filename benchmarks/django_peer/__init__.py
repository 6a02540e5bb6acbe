"""The same three endpoints as a Django REST service on the same tables, as such a service is usually written.

ORM, serializers, a token verified by python-jose, persistent connections, no debug, one middleware. An order is
three rows in one transaction; accepting is a compare-and-set with its event and notice in one. It leaves out
what the service does besides: the idempotency record, the sign-in and revision checks, scope and policies.
"""
