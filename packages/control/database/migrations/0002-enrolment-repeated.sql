-- SHA-256 of the public key (SubjectPublicKeyInfo) that the token was shown with first: until the node has called with its
-- certificate, the same key may have one again, in case the answer was lost.
alter table node_enrolment add column key_hash bytea;
