"""Rules by which records are kept although the person whom they are about is erased."""
