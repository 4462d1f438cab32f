-- What is in the trash is gone.
DROP POLICY restoring ON tasks;
DROP TABLE trash;
