"""Tables that people keep in files, read row by row so that one bad row never costs the others."""

from geo_engine.tables.model import RowProblem, Table, TableFile, TableRow, TableSource

__all__ = ["RowProblem", "Table", "TableFile", "TableRow", "TableSource"]
