"""Secret addresses under which calendar programs fetch what concerns one person, until they are withdrawn.

A service has the tables (:mod:`crm_platform.calendar_feeds.tables`), the use cases
(:class:`crm_platform.calendar_feeds.feeds.CalendarFeeds`), the routes
(:func:`crm_platform.calendar_feeds.endpoints.feeds_router`), and a public route that shows the calendar.
"""
