"""What does an energy manager read? Pages, workbooks, figures."""
