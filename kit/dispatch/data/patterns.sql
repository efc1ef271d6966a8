-- Requests of one matter in the window, by compound and by company, with how many there were before it.
-- In braces, company: the company that a request r is about, as (key, name), where a service knows one.
WITH seen AS MATERIALIZED (
    SELECT r.number, r.matter, r.division, r.received_at, r.received_at >= :begins AS recent,
        CAST(r.compound AS text) AS compound, company.key AS company, company.name AS company_name
    FROM dispatch_requests r
    LEFT JOIN LATERAL ({company}) AS company (key, name) ON true
    WHERE r.received_at >= :past_begins AND r.received_at < :ends AND r.state NOT IN ('declined', 'transferred')
        AND NOT r.secret -- whoever reads of a pattern sees its place
),
placed (kind, place, place_name, matter, division, number, received_at, recent) AS (
    SELECT 'compound', compound, NULL, matter, division, number, received_at, recent FROM seen WHERE compound IS NOT NULL
    UNION ALL
    SELECT 'company', company, company_name, matter, division, number, received_at, recent FROM seen
    WHERE company IS NOT NULL
)
SELECT kind, place, max(place_name) AS place_name, matter,
    CASE WHEN count(DISTINCT division) = 1 THEN max(division) END AS division,
    count(*) FILTER (WHERE recent) AS count, count(*) FILTER (WHERE NOT recent) AS past,
    array_agg(number ORDER BY received_at, number) FILTER (WHERE recent) AS requests
FROM placed
WHERE NOT EXISTS (
    SELECT FROM dispatch_patterns told
    WHERE told.matter = placed.matter AND told.kind = placed.kind AND told.place = placed.place
        AND told.window_to >= :window_from
)
GROUP BY kind, place, matter
HAVING count(*) FILTER (WHERE recent) >= :minimum
ORDER BY kind, place, matter
