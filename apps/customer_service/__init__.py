"""The support desk: answers from the company's own knowledge, or says that it does not know."""
