"""The gateway: who may come in, where requests go, what is composed of several services, the API portal."""
