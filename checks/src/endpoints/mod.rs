//! The other endpoints, asked without a person: the device flow starts, userinfo is closed to strangers.

group![device_flow, userinfo_closed];
