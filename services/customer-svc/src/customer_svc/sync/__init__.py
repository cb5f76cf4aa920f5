"""Agreement with other systems about who may change what."""
