"""The tests, one twin per file of hookcli."""
