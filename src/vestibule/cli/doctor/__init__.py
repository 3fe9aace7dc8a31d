"""What `vestibule doctor` looks at: each check is one function of the subject, and answers with a finding."""
