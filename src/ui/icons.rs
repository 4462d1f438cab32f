//! Icons as inline SVG, in the colour of the text, hidden from screen readers.

use leptos::prelude::*;

/// The icons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Icon {
    List,
    Clock,
    Check,
    Share,
    Logo,
    Plus,
    Bell,
    Search,
    Calendar,
    Dashboard,
    Today,
    People,
    Chat,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::List => "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
            Icon::Clock => "M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
            Icon::Check => "M5 13l4 4L19 7",
            Icon::Share => {
                "M16 8a3 3 0 1 0-3-3M8 12a3 3 0 1 0 0 .01M16 16a3 3 0 1 1 0 .01M10.6 10.6l4-3.2M10.6 13.4l3.6 2.2"
            }
            Icon::Plus => "M12 5v14M5 12h14",
            Icon::Bell => "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
            Icon::Search => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
            Icon::Calendar => {
                "M8 3v4M16 3v4M4 10h16M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z"
            }
            Icon::Dashboard => "M4 4h7v8H4zM15 4h5v5h-5zM15 13h5v7h-5zM4 16h7v4H4z",
            Icon::Today => "M5 5h14v15H5zM5 10h14M9 3v4M15 3v4",
            Icon::People => {
                "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6M18 14.5a6 6 0 0 1 3 5.5"
            }
            Icon::Chat => "M4 5h16v11H10l-5 4v-4H4z",
            Icon::Logo => "M5 4v16M10 4v16M15 4v16M3 17L20 7",
        }
    }
}

impl Icon {
    /// The same as [`IconImage`], as HTML for pages that are made without leptos.
    pub fn html(self) -> String {
        format!(r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>"#, self.path())
    }
}

/// Draws an icon as high as a line of text.
#[component]
pub fn IconImage(
    /// The icon.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}
