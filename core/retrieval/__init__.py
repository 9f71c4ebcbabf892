"""The index: documents and vectors live in SQL; dense and lexical views are built from it. Knows no app."""
