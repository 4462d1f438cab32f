//! The roles in a dump of PostgreSQL: those of the database that it was made of, which need not exist where it is restored.

use tallyboard_db::{AppRole, role::quote_identifier};

/// Which role of a dump is which of ours.
#[derive(Debug)]
pub struct RoleNames {
    /// Who owned the dumped database, as the dump writes it.
    dumped_owner: Option<String>,
    owner: String,
    role: String,
}

impl RoleNames {
    /// Finds the owner of the dumped database: the policies named `system` are for it.
    pub fn of(script: &str, owner: String, role: &AppRole) -> Self {
        let mut policies = script.lines().filter(|line| line.starts_with("CREATE POLICY system "));
        let dumped_owner = policies.find_map(policy_role).map(str::to_owned);
        Self { dumped_owner, owner: quote_identifier(&owner), role: quote_identifier(role.name()) }
    }

    /// The script with our roles in its policies and grants.
    pub fn replace(&self, script: &str) -> String {
        let mut replaced = String::with_capacity(script.len());
        // Lines with a backslash are psql's own.
        for line in script.lines().filter(|line| !line.starts_with('\\')) {
            let role = if line.starts_with("CREATE POLICY ") {
                policy_role(line)
            } else if line.starts_with("GRANT ") || line.starts_with("REVOKE ") {
                grant_role(line)
            } else {
                None
            };
            match role.filter(|role| *role != "PUBLIC") {
                // At the end of the first line, so that a column of the same name stays.
                Some(role) => {
                    let ours = if self.dumped_owner.as_deref() == Some(role) { &self.owner } else { &self.role };
                    let at = role.as_ptr() as usize - line.as_ptr() as usize;
                    replaced.extend([&line[..at], ours, &line[at + role.len()..]]);
                }
                None => replaced.push_str(line),
            }
            replaced.push('\n');
        }
        replaced
    }
}

/// `own` in `CREATE POLICY own ON public.users TO tallyboard_app USING (…`: what is between TO and the condition.
fn policy_role(line: &str) -> Option<&str> {
    let rest = line.split_once(" TO ")?.1;
    Some(rest.split_once(" USING (").or_else(|| rest.split_once(" WITH CHECK ("))?.0)
}

/// The role at the end of a GRANT or a REVOKE.
fn grant_role(line: &str) -> Option<&str> {
    let rest = line.strip_suffix(';')?;
    let word = if line.starts_with("GRANT ") { " TO " } else { " FROM " };
    Some(rest.rsplit_once(word)?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_from_elsewhere_gets_the_roles_of_this_database() {
        let dump = "\\restrict x
CREATE POLICY own ON public.users TO tallyboard_app_there USING ((id = ( SELECT public.app_user_id())));
CREATE POLICY system ON public.users TO neondb_owner USING (public.app_is_system()) WITH CHECK (public.app_is_system());
CREATE POLICY adding ON public.audit_log FOR INSERT TO tallyboard_app_there WITH CHECK (true);
GRANT SELECT(read_at) ON TABLE public.notifications TO tallyboard_app_there;
REVOKE ALL ON FUNCTION public.app_notify(uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_notify(uuid) TO neondb_owner;
";
        let role = AppRole::Own("tallyboard_app_here".to_owned());
        let restored = RoleNames::of(dump, "ada".to_owned(), &role).replace(dump);
        let expected = "CREATE POLICY own ON public.users TO \"tallyboard_app_here\" USING ((id = ( SELECT public.app_user_id())));
CREATE POLICY system ON public.users TO \"ada\" USING (public.app_is_system()) WITH CHECK (public.app_is_system());
CREATE POLICY adding ON public.audit_log FOR INSERT TO \"tallyboard_app_here\" WITH CHECK (true);
GRANT SELECT(read_at) ON TABLE public.notifications TO \"tallyboard_app_here\";
REVOKE ALL ON FUNCTION public.app_notify(uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_notify(uuid) TO \"ada\";
";
        assert_eq!(restored, expected);
    }
}
