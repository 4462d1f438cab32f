-- The addresses that a user has signed in from, to recognize a new one.
CREATE INDEX audit_log_places_idx ON audit_log (user_id, ip) WHERE action = 'auth.signed_in';
