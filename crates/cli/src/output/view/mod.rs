//! Results as they are printed. The JSON fields are stable: a field may come, none goes or changes its meaning.

mod change;
mod connection;
mod extension;
mod validation;
mod variables;

pub(crate) use change::{CreatedView, DeletedView, PlanView};
pub(crate) use connection::{ConnectionList, ConnectionView};
pub(crate) use extension::ExtensionList;
pub(crate) use validation::ValidationView;
pub(crate) use variables::{Configuration, SupportList, SupportView, VariableView};
