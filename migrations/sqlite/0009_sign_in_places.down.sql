DROP INDEX audit_log_places_idx;
