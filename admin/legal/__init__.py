"""法务: legal documents, the company's licences, people's requests about their data."""
