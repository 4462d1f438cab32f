use chrono::TimeDelta;

use super::store;
use crate::{
    calendar::Span,
    db::{now, stranger},
};

#[tokio::test]
async fn a_stranger_counts_nothing() {
    stranger::names_every_function("statistics");
    let stage = stranger::Stage::set().await;
    let start = now() - TimeDelta::days(20_000);
    let span = Span { start, end: now() + TimeDelta::days(1) };
    fn sum(numbers: &[i64]) -> usize {
        numbers.iter().map(|number| usize::try_from(*number).unwrap_or_default()).sum()
    }
    stage
        .check("four", |scope| {
            Box::pin(async move {
                let row = store::four(scope).await?;
                Ok(sum(&[row.pending, row.completed, row.view_only, row.can_edit]))
            })
        })
        .await;
    stage
        .check("activity", |scope| {
            Box::pin(async move {
                let row = store::activity(scope, span, span).await?;
                Ok(sum(&[row.created_today, row.completed_today, row.created_this_week, row.completed_this_week]))
            })
        })
        .await;
    stage.check("created", |scope| Box::pin(async move { Ok(store::created(scope, span).await?.len()) })).await;
    stage.check("teams", |scope| Box::pin(async move { Ok(store::teams(scope).await?.len()) })).await;
    // "completed" is "created" with another column; Ada has completed nothing, so it would prove nothing.
}
