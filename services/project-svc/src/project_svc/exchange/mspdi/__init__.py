"""Microsoft Project's XML interchange format (MSPDI), read and written; nothing here knows a table or a request.

What a file says is in :mod:`.document`; :mod:`.reading` and :mod:`.writing` turn it into files and back. Microsoft
describes the format in "Project XML Data Interchange Schema" (mspdi_pj12.xsd); what the descriptions leave open is
as MPXJ, the reference implementation outside of Microsoft, has it.
"""
