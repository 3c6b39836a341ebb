//! "Did you mean": the known name nearest to a mistyped one.

/// The known name that a mistyped one most likely means, if one is near enough.
pub(crate) fn nearest<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let given = given.to_lowercase();
    // A long text is no typing mistake, and would take long to compare.
    if given.len() > 64 {
        return None;
    }
    let tolerance = (given.len() / 3).max(1);
    known
        .into_iter()
        .map(|name| {
            let is_begun = given.len() >= 3 && (name.starts_with(&given) || given.starts_with(name));
            (if is_begun { 0 } else { distance(&given, name) }, name)
        })
        .filter(|(distance, _)| *distance <= tolerance)
        .min()
        .map(|(_, name)| name)
}

/// How many letters have to be changed, added or taken away.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (column, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        let known = ["postgres", "postgres-flexible", "mysql", "redis", "storage-blob"];
        assert_eq!(nearest("postgre", known), Some("postgres"));
        assert_eq!(nearest("Redsi", known), None);
        assert_eq!(nearest("redi", known), Some("redis"));
        assert_eq!(nearest("storage", known), Some("storage-blob"));
        assert_eq!(nearest("kafka", known), None);
    }
}
