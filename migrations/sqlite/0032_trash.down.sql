-- What is in the trash is gone.
DROP TABLE trash;
