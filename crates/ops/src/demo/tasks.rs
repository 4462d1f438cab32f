//! The tasks of the demo data: those of a household, a project and one person, as they might write them.

use self::Place::{Household, Private, Website};

/// Where a task belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// To Ada alone, or to Grace where it's shared.
    Private,
    /// To the team Household.
    Household,
    /// To the team Website relaunch.
    Website,
}

/// When something is, counted in days from today.
#[derive(Clone, Copy)]
pub enum When {
    /// Open, due that many days from today; overdue where it's negative.
    Due(i64),
    /// Open, on no day.
    Someday,
    /// Completed that many workdays ago.
    Done(i64),
}

/// A task: its place, its title, its description, when it is.
pub type DemoTask = (Place, &'static str, &'static str, When);

use When::{Done, Due, Someday};

/// Ada's tasks.
pub const ADAS: [DemoTask; 54] = [
    // Overdue.
    (Household, "Descale the kettle", "The citric acid is under the sink.", Due(-9)),
    (
        Private,
        "Send the tax documents to Ms Keller",
        "Still missing: the donation receipts and the form from the bank.",
        Due(-5),
    ),
    (Website, "Collect missing photos from the team", "Ben and Noor haven't sent theirs.", Due(-4)),
    (Private, "Renew the library card", "", Due(-3)),
    (Household, "Return the drill to Sam", "", Due(-2)),
    (Website, "Answer the hosting company about the invoice", "", Due(-1)),
    // Today.
    (Household, "Take out the recycling", "", Due(0)),
    (Private, "Call the dentist about an appointment", "Any morning but Thursday. 030 555 0199", Due(0)),
    (
        Website,
        "Review the new price page",
        "Draft: https://example.com/prices\n\n- Are the terms of the trial clear?\n- Is VAT included?",
        Due(0),
    ),
    (Household, "Buy stamps", "", Due(0)),
    (Private, "30 minutes of Spanish", "", Due(0)),
    // This week.
    (Household, "Weekly shop", "- oats\n- flour\n- dishwasher tabs\n- something for Saturday", Due(1)),
    (Website, "Agree on the launch date with Grace", "", Due(1)),
    (Private, "Repot the ficus", "", Due(1)),
    (Website, "Write alt texts for the start page", "Guide: https://www.w3.org/WAI/tutorials/images/", Due(2)),
    (Household, "Book the chimney sweep", "", Due(2)),
    (Private, "Birthday present for Mum", "She liked the blue teapot in the shop at the corner.", Due(3)),
    (Website, "Test the contact form on a phone", "", Due(3)),
    (Household, "Change the bed linen", "", Due(4)),
    (Website, "Redirect the old addresses", "The list is in the shared folder. About 40 of them.", Due(4)),
    (Private, "Book train tickets for the weekend", "", Due(4)),
    (Household, "Clean the oven", "", Due(5)),
    (Private, "Long run, 12 km", "", Due(5)),
    (Website, "Prepare the announcement", "Two versions: one for customers, one for the press.", Due(6)),
    (Household, "Pay the deposit for the holiday house", "", Due(6)),
    (Private, "Back up the photos", "", Due(6)),
    // On no day.
    (Household, "Find a plumber for the guest bathroom", "The tap drips, and the drain is slow.", Someday),
    (Household, "Repaint the garden fence", "Two cans of the dark green. The brushes are in the shed.", Someday),
    (Private, "Learn to bake sourdough", "", Someday),
    (Private, "Read “The Soul of a New Machine”", "", Someday),
    (Private, "Sort the old photos", "", Someday),
    (Website, "Dark mode for the blog", "", Someday),
    (Website, "Ask three customers for a quote", "", Someday),
    (Household, "Compare electricity contracts", "Ours ends in March and renews by a year.", Someday),
    (Private, "Plan a weekend in Lisbon", "", Someday),
    // Done.
    (Household, "Fix the kitchen tap", "", Done(0)),
    (Website, "Choose the typeface", "", Done(0)),
    (Private, "Return the library books", "", Done(1)),
    (Website, "Write the privacy page", "", Done(1)),
    (Household, "Bleed the radiators", "", Done(1)),
    (Website, "Interview two customers", "", Done(2)),
    (Private, "Renew the passport", "", Done(2)),
    (Website, "Sketch the start page", "", Done(2)),
    (Household, "Order firewood", "", Done(3)),
    (Private, "Flu shot", "", Done(3)),
    (Website, "Compare three hosting companies", "Result: the second one, see the table in the folder.", Done(3)),
    (Website, "Agree on the budget", "", Done(4)),
    (Household, "Clean the gutters", "", Done(4)),
    (Private, "Cancel the gym", "", Done(4)),
    (Website, "List the pages of the old site", "", Done(6)),
    (Household, "Replace the smoke alarm batteries", "", Done(8)),
    (Private, "File the health insurance claim", "", Done(11)),
    (Website, "Kick-off with the whole team", "", Done(14)),
    (Household, "Put the bikes in the cellar", "", Done(18)),
];

/// Grace's, of which she has shared some with Ada: to edit or to view.
pub const GRACES: [(DemoTask, Option<&str>); 6] = [
    ((Household, "Bake a cake for Saturday", "Lemon or carrot?", Due(3)), None),
    ((Website, "Set up the staging server", "", Due(2)), None),
    ((Private, "Plan the farewell for Noor", "Collecting ideas here, please add yours.", Due(5)), Some("edit")),
    ((Private, "Book a table for the team dinner", "Eight people, one vegan.", Someday), Some("edit")),
    ((Private, "Ask the landlord about the bike shed", "", Due(8)), Some("view")),
    ((Private, "Return the projector", "", Done(2)), Some("view")),
];
