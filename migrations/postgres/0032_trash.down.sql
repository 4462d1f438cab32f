-- What is in the trash is gone.
DROP POLICY restoring ON tasks;
DROP FUNCTION app_restores;
DROP TABLE trash;
