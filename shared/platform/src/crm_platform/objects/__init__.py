"""Files that are too large for a row: kept in a folder or on S3, each tenant's apart."""
