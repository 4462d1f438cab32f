//! The page of a week: what was completed, how far the goals were reached, and the form that sets them.

use axum::{
    extract::{Request, State},
    response::Response,
};
use chrono::{Days, NaiveDate};
use leptos::prelude::*;
use serde::Deserialize;

use super::goals::form;
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        field::Field,
        forms::{Answer, Form, FormErrors, only, see_other},
        shell::{Page, render},
    },
};
use tallyboard_base::http::parse_query;
use tallyboard_core::{
    app::AppState,
    statistics::{
        goals::{GoalProgress, Goals, Weekday, html::days_in_words, service},
        review::{self, Review},
    },
};
use tallyboard_db::now;
use tallyboard_model::{
    calendar::{Calendar, monday_of},
    error::{Error, Result},
    language::{t, t_with, text, weekday_name},
    paths,
    statistics::TrendDay,
};

/// How many completed tasks the page lists.
const LISTED: u32 = 200;

#[derive(Deserialize)]
struct ReviewQuery {
    /// A day of the week; today when absent.
    week: Option<NaiveDate>,
}

/// `/review`
pub async fn review(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let ReviewQuery { week } = parse_query(&only(request.uri().query().unwrap_or_default(), &["week"]))?;
    let calendar = Calendar::at(now(), user.time_zone());
    let monday = monday(&calendar, week)?;
    let review = app.db.scope(&user).read(|scope| Box::pin(review::of_week(scope, calendar, monday, LISTED))).await?;
    let page = Page::of(&app, &user, "Weekly review").under("Dashboard");
    let today = calendar.today_date();
    let body = move || {
        let saved =
            errors.input("saved").map(|_| view! { <p class="success" role="status">{t("Your goals are saved.")}</p> });
        view! {
            <div class="page-head">
                <h1>{review::week_in_words(monday)}</h1>
                {week_links(monday, today)}
            </div>
            {saved}
            {errors.headline()}
            <div class="settings review">
                {numbers(&review)}
                {week_table(&review, today)}
                {completed_list(&review)}
                {goals_form(&review.progress.goals, &errors)}
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// The boxes with the days off.
const DAYS_OFF: &str = "days_off[]";

/// `POST /review`: replaces the user's goals. An empty field means no goal.
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    let days_off = form.all(DAYS_OFF).map(str::to_owned).collect();
    let goals = form::goals(form.option("daily"), form.option("weekly"), days_off)?;
    app.db.scope(&user).write(|scope| Box::pin(service::set(scope, goals.clone()))).await?;
    Ok(see_other(paths::GOALS_SAVED))
}

/// The Monday of the week of a date, which is not in the future.
fn monday(calendar: &Calendar, date: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = calendar.today_date();
    let date = date.unwrap_or(today);
    // No task is older.
    let first = NaiveDate::from_ymd_opt(1970, 1, 12).unwrap_or_default();
    if !(first..=today).contains(&date) {
        return Err(Error::invalid(
            "week",
            t_with("has to be a date from {first} to {today}", &[("first", &first), ("today", &today)]),
        ));
    }
    Ok(monday_of(date))
}

fn week_links(monday: NaiveDate, today: NaiveDate) -> impl IntoView {
    let next = monday + Days::new(7);
    view! {
        <nav class="chips" aria-label=t("Weeks")>
            <a href=paths::review_of(monday - Days::new(7))>{t("← Previous week")}</a>
            {(next <= today).then(|| view! { <a href=paths::review_of(next)>{t("Next week →")}</a> })}
        </nav>
    }
}

fn numbers(review: &Review) -> impl IntoView + use<> {
    let (completed, created) = (review.completed_count(), review.created_count());
    let GoalProgress { goals, streak, best_streak, best_weekday, .. } = review.progress.clone();
    let fact = |label: &'static str, value: String| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    let week_goal = goals.weekly.map(|goal| {
        fact(t("Goal for the week"), t_with("{completed} of {goal}", &[("completed", &completed), ("goal", &goal)]))
    });
    view! {
        <section class="card">
            <h2>{t("Summary")}</h2>
            <dl class="facts">
                {fact(t("Completed"), completed.to_string())}
                {fact(t("Change"), review.compared())}
                {fact(t("Created"), created.to_string())}
                {week_goal}
                {fact(t("Current streak"), days_in_words(streak))}
                {fact(t("Longest streak (12 months)"), days_in_words(best_streak))}
                {fact(t("Best weekday"), t(best_weekday.map_or(text("None yet"), Weekday::name)).to_owned())}
            </dl>
        </section>
    }
}

fn week_table(review: &Review, today: NaiveDate) -> impl IntoView + use<> {
    let goals = review.progress.goals.clone();
    let most = review.days.iter().map(|day| day.completed).max().unwrap_or_default().max(1);
    let row = |day: &TrendDay| {
        let weekday = Weekday::of(day.date);
        let note = match () {
            () if day.date > today => "",
            () if goals.daily.is_some() && goals.is_reached(day.completed) => t("Goal reached"),
            () if goals.days_off.contains(&weekday) => t("Day off"),
            () => "",
        };
        view! {
            <tr>
                <th scope="row">{t(weekday.name())}</th>
                <td>{day.completed}</td>
                <td><progress max=most value=day.completed aria-label=t("Completed")></progress></td>
                <td>{note}</td>
            </tr>
        }
    };
    view! {
        <section class="card">
            <h2>{t("Day by day")}</h2>
            <table class="week">
                <thead class="visually-hidden">
                    <tr><th scope="col">{t("Day")}</th><th scope="col">{t("Completed")}</th><th scope="col">{t("Change")}</th><th scope="col">{t("Goal")}</th></tr>
                </thead>
                <tbody>{review.days.iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
}

fn completed_list(review: &Review) -> impl IntoView + use<> {
    let days = review.completed.chunk_by(|a, b| a.0 == b.0).map(|tasks| {
        let heading = tasks.first().map(|(date, _)| weekday_name(*date));
        let titles = tasks.iter().map(|(_, task)| view! { <li>{task.title.clone()}</li> }).collect_view();
        view! { <h3>{heading}</h3> <ul class="imported">{titles}</ul> }
    });
    let days = days.collect_view();
    view! {
        <section class="card">
            <h2>{t("What was completed")}</h2>
            {review.completed.is_empty().then(|| view! { <p class="hint">{t("Nothing yet.")}</p> })}
            {days}
            {review.has_more.then(|| view! { <p class="hint">{t_with("These are the first {n}. ", &[("n", &LISTED)])}<a href=paths::COMPLETED_TASKS>{t("All completed tasks")}</a></p> })}
        </section>
    }
}

fn goals_form(goals: &Goals, errors: &FormErrors) -> impl IntoView + use<> {
    let number = |name: &'static str, label: &'static str, stored: Option<u32>| {
        let value = errors.input(name).or_else(|| stored.map(|goal| goal.to_string()));
        let error = errors.field(name);
        view! { <Field name label value error hint=t("Leave empty for no goal") optional=true inputmode="numeric" /> }
    };
    let day_off = |day: Weekday| {
        let name = day.name().to_lowercase();
        // A refused form comes back as it was sent.
        let is_off =
            if errors.is_refused() { errors.is_chosen(DAYS_OFF, &name) } else { goals.days_off.contains(&day) };
        view! {
            <label>
                <input type="checkbox" name=DAYS_OFF value=name checked=is_off />
                {t(day.name())}
            </label>
        }
    };
    let error = errors.field("days_off");
    let class = if error.is_some() { "field-error" } else { "hint" };
    let text = error.unwrap_or_else(|| t("Days off don't break your streak").to_owned());
    view! {
        <section class="card no-print" id="goals">
            <h2>{t("Your goals")}</h2>
            <form method="post">
                <input type="hidden" name="form" value="set_goals" />
                {number("daily", t("Tasks to complete in a day"), goals.daily)}
                {number("weekly", t("Tasks to complete in a week"), goals.weekly)}
                <fieldset class="choices" aria-describedby="days-off-note">
                    <legend>{t("Days off")}</legend>
                    <div>{Weekday::ALL.map(day_off).into_iter().collect_view()}</div>
                    <p id="days-off-note" class=class>{text}</p>
                </fieldset>
                <button class="button">{t("Save")}</button>
            </form>
        </section>
    }
}
