from customer_svc_tests.contacts.people import contact, customer, told

__all__ = ["contact", "customer", "told"]
