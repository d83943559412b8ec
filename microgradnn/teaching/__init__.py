"""Teaching: a course in which a student builds this engine, and worksheets to do backprop by hand."""
