DROP TABLE oauth_records;
DROP TABLE connected_apps;
