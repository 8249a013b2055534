-- New values of enums, in a transaction of their own: none may be used in the one that adds it.
alter type kind add value if not exists 'path_lost' before 'unknown_account';
alter type kind add value if not exists 'all_paths_lost' before 'unknown_account';
alter type kind add value if not exists 'late_to_test' before 'unknown_account';
alter type kind add value if not exists 'runaway' before 'unknown_account';
alter type kind add value if not exists 'station' before 'unknown_account';
alter type protocol add value if not exists 'dc07';
alter type protocol add value if not exists 'surgard';
alter type protocol add value if not exists 'ademco685';
alter type protocol add value if not exists 'd6500';
alter type protocol add value if not exists 'own';
alter type transport add value if not exists 'tls';
alter type transport add value if not exists 'inside';
alter type key_format add value if not exists 'auto';
