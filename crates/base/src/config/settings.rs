//! Reads the settings: the defaults, the file, and the environment, each overriding the previous one.

use std::{collections::BTreeMap, env, fs, path::Path};

use toml::{Table, Value};

use super::{Config, ConfigError};

/// Leptos.toml as it ships: every setting with its default.
const DEFAULTS: &str = include_str!("../../../../Leptos.toml");
const PREFIX: &str = "TALLYBOARD_";

impl Config {
    /// Reads `path` (fine when missing, unless `required`) and the process's environment.
    pub fn load(path: &Path, required: bool) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => String::new(),
            Err(error) => return Err(ConfigError(format!("{}: {error}", path.display()))),
        };
        Self::from_parts(&text, &path.display().to_string(), env::vars())
    }

    /// The same from text and a list of variables.
    pub fn from_parts(
        text: &str,
        file: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let defaults: Table = DEFAULTS.parse().map_err(|error| ConfigError(format!("Leptos.toml: {error}")))?;
        let given: Table = text.parse().map_err(|error| ConfigError(format!("{file}: {error}")))?;
        let mut settings = Settings { values: defaults.clone(), origins: BTreeMap::new() };
        for (key, value) in flatten(&given) {
            settings.set(&key, value, file.to_owned());
        }
        settings.read_environment(&defaults, variables)?;
        settings.finish()
    }
}

/// Values by section, and where each came from.
struct Settings {
    values: Table,
    origins: BTreeMap<String, String>,
}

impl Settings {
    fn set(&mut self, key: &str, value: Value, origin: String) {
        self.origins.insert(key.to_owned(), origin);
        match key.split_once('.') {
            None => {
                self.values.insert(key.to_owned(), value);
            }
            Some((section, key)) => {
                let section = self.values.entry(section).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(section) = section {
                    section.insert(key.to_owned(), value);
                }
            }
        }
    }

    fn read_environment(
        &mut self,
        defaults: &Table,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let known: BTreeMap<String, (String, Value)> = flatten(defaults)
            .into_iter()
            .map(|(key, value)| (format!("{PREFIX}{}", key.replace('.', "_").to_uppercase()), (key, value)))
            .collect();
        let mut variables: Vec<_> = variables.into_iter().collect();
        // Our own names after the standard ones, so that they win.
        variables.sort_by_key(|(name, _)| name.starts_with(PREFIX));
        for (name, text) in variables {
            let (variable, text) = match name.strip_suffix("_FILE").filter(|stem| known.contains_key(*stem)) {
                Some(stem) => {
                    let content =
                        fs::read_to_string(&text).map_err(|error| ConfigError(format!("{name}: {text}: {error}")))?;
                    (stem.to_owned(), content.trim_end().to_owned())
                }
                None => (name.clone(), text),
            };
            let setting = match variable.as_str() {
                "DATABASE_URL" => known.get("TALLYBOARD_DATABASE_URL"),
                "LEPTOS_SITE_ADDR" => known.get("TALLYBOARD_SERVER_ADDRESS"),
                own if own.starts_with(PREFIX) => match known.get(own) {
                    None => return Err(ConfigError(format!("{name}: there is no such setting"))),
                    found => found,
                },
                _ => None,
            };
            if let Some((key, default)) = setting {
                let value = typed(&text, default).ok_or_else(|| {
                    ConfigError(format!("{name}: {key} has to be a {}, not {text:?}", default.type_str()))
                })?;
                self.set(key, value, name);
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Config, ConfigError> {
        let origins = self.origins;
        let blame = |key: &str, why: &str| {
            let origin = origins.get(key).map_or("Leptos.toml", String::as_str);
            ConfigError(format!("{origin}: {key}: {why}"))
        };
        let config: Config = serde_path_to_error::deserialize(Value::Table(self.values)).map_err(|error| {
            let why = error.inner().message().to_owned();
            // An unknown key is named by the message; its path stops at the section or is the key.
            let mut key = error.path().to_string();
            if let Some(unknown) = why.split('`').nth(1).filter(|_| why.starts_with("unknown field")) {
                key = match key.as_str() {
                    "." => unknown.to_owned(),
                    key if key.ends_with(unknown) => key.to_owned(),
                    section => format!("{section}.{unknown}"),
                };
            }
            blame(&key, &why)
        })?;
        config.check().map_err(|(key, why)| blame(&key, &why))
    }
}

fn flatten(table: &Table) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(section) => {
                flat.extend(section.iter().map(|(inner, value)| (format!("{key}.{inner}"), value.clone())));
            }
            value => flat.push((key.clone(), value.clone())),
        }
    }
    flat
}

fn typed(text: &str, like: &Value) -> Option<Value> {
    Some(match like {
        Value::Boolean(_) => Value::Boolean(text.parse().ok()?),
        Value::Integer(_) => Value::Integer(text.parse().ok()?),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    })
}
