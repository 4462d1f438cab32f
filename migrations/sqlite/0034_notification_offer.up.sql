-- When the user answered the offer to turn on the notifications that new accounts have; NULL: it's still to be shown. New
-- accounts have them and see no offer.
ALTER TABLE users ADD COLUMN notifications_offered_at TEXT;
