"""The sample's market: companies, outlets and news that do not exist, written for this project."""
