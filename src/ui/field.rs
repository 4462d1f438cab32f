//! One labelled input of a form.

use leptos::prelude::*;

/// One labelled input, with its value and its error.
#[component]
pub fn Field(
    /// Its name in the form.
    name: &'static str,
    /// The label.
    label: &'static str,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Its value.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// Why the value was rejected.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Help for filling it in.
    #[prop(optional)]
    hint: &'static str,
    /// The id of a `<datalist>` with values to choose from.
    #[prop(optional)]
    choices: Option<&'static str>,
    /// Whether it may be empty.
    #[prop(optional)]
    optional: bool,
    /// The keyboard that phones show.
    #[prop(optional)]
    inputmode: Option<&'static str>,
) -> impl IntoView {
    let note = format!("{name}-note");
    let wrong = error.is_some();
    let text = error.unwrap_or_else(|| hint.to_owned());
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                value=value
                list=choices
                inputmode=inputmode
                required=!optional
                aria-invalid=wrong.then_some("true")
                aria-describedby=note.clone()
            />
            <p id=note class=if wrong { "field-error" } else { "hint" }>{text}</p>
        </div>
    }
}
