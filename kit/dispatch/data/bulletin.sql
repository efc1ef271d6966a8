-- What counts in each figure of a month, as the record had it at a moment; one row for each request or leg that a figure
-- looks at. Each counts in one month: that in which its term ends, it was received, or last answered or called back. What
-- was handed on counts where it is now. In braces, company: the company that a request r is about, as (key, name), where a
-- service knows one.
WITH taken AS MATERIALIZED (
    SELECT r.id
    FROM dispatch_requests r
    WHERE r.received_at BETWEEN :starts AND :last AND r.recorded_at <= :known_at
),
moved AS MATERIALIZED (
    -- A request counts in the month of its last answer or redo, and in that of the last call that reached its citizen.
    SELECT m.id, bool_or(s.action = 'redo') AS redone,
        max(s.at) FILTER (WHERE s.action <> 'call-back') BETWEEN :starts AND :last AS answered,
        max(s.at) FILTER (WHERE s.action = 'call-back') BETWEEN :starts AND :last AS called,
        max(s.at) FILTER (WHERE s.action = 'call-back') AS called_at,
        (array_agg(s.seen ORDER BY s.at DESC, s.id DESC) FILTER (WHERE s.action = 'call-back'))[1] AS said
    FROM (
        SELECT DISTINCT request_id AS id
        FROM dispatch_steps
        WHERE action IN ('answer', 'redo', 'call-back') AND at BETWEEN :starts AND :last AND at <= :known_at
    ) AS m
    CROSS JOIN LATERAL (SELECT * FROM dispatch_steps WHERE dispatch_steps.request_id = m.id OFFSET 0) AS s
    WHERE s.at <= :known_at
        AND (s.action IN ('answer', 'redo') OR s.action = 'call-back' AND s.seen ->> 'reached' = 'true')
    GROUP BY m.id
),
-- Requests of which some term ends in the month, or may have ended before a pause that was not known of moved it.
due AS MATERIALIZED (
    SELECT request_id AS id FROM dispatch_legs WHERE sign_due_at BETWEEN :starts AND :last
    UNION
    SELECT request_id FROM dispatch_legs WHERE contact_due_at BETWEEN :starts AND :last
    UNION
    SELECT request_id FROM dispatch_steps WHERE due_at BETWEEN :starts AND :last
    UNION
    SELECT request_id FROM dispatch_steps WHERE action = 'resume' AND at > :known_at
),
requests AS MATERIALIZED (
    SELECT r.id, r.number, r.received_at, r.division, coalesce(former.matter, r.matter) AS matter,
        coalesce(lead.unit, r.unit) AS unit, last.state = 'transferred' AS gone,
        coalesce(lead.leg_id, (
            SELECT l.id FROM dispatch_legs l WHERE l.request_id = r.id ORDER BY l.dispatched_at, l.id LIMIT 1
        )) AS lead_leg, company.key AS company, company.name AS company_name
    FROM (SELECT id FROM taken UNION SELECT id FROM moved UNION SELECT id FROM due) AS concerned
    -- OFFSET 0: one look into an index for each, however many requests there are of other months.
    CROSS JOIN LATERAL (SELECT * FROM dispatch_requests WHERE dispatch_requests.id = concerned.id OFFSET 0) AS r
    CROSS JOIN LATERAL (
        SELECT s.state
        FROM dispatch_steps s
        WHERE s.request_id = r.id AND s.at <= :known_at
        ORDER BY s.at DESC, s.id DESC
        LIMIT 1
    ) AS last
    LEFT JOIN LATERAL (
        SELECT s.unit_of_leg AS unit, s.leg_id
        FROM dispatch_steps s
        WHERE s.request_id = r.id AND s.at <= :known_at AND s.seen ->> 'lead' = 'true'
            AND s.leg_state NOT IN ('returned', 'released')
        ORDER BY s.at DESC, s.id DESC
        LIMIT 1
    ) AS lead ON true
    LEFT JOIN LATERAL (
        SELECT s.seen ->> 'former' AS matter
        FROM dispatch_steps s
        WHERE s.request_id = r.id AND s.at > :known_at AND s.action IN ('transfer', 'take-back')
            AND s.seen ->> 'former' IS NOT NULL
        ORDER BY s.at, s.id
        LIMIT 1
    ) AS former ON true
    LEFT JOIN LATERAL ({company}) AS company (key, name) ON true
    WHERE CAST(:division AS text) IS NULL OR r.division IN (:division, :division_id)
),
legs AS MATERIALIZED (
    SELECT l.id, l.request_id, l.unit, l.sign_due_at, past.ended_at, seen.*,
        coalesce(seen.told_contact_due_at, l.contact_due_at) AS contact_due_at
    FROM requests r
    CROSS JOIN LATERAL (SELECT * FROM dispatch_legs WHERE dispatch_legs.request_id = r.id OFFSET 0) AS l
    CROSS JOIN LATERAL (
        SELECT bool_or(s.leg_id = l.id) AS known,
            least(
                min(s.at) FILTER (WHERE s.leg_id = l.id AND s.leg_state IN ('returned', 'released')),
                min(s.at) FILTER (WHERE s.seen ->> 'instead_of' = CAST(l.id AS text)),
                -- What was closed and then redone has not ended by that.
                min(s.at) FILTER (WHERE s.at >= l.dispatched_at
                    AND s.state IN ('closed', 'declined', 'merged', 'transferred')
                    AND NOT EXISTS (
                        SELECT FROM dispatch_steps again
                        WHERE again.request_id = s.request_id AND again.action = 'redo'
                            AND again.at BETWEEN s.at AND :known_at
                    ))
            ) AS ended_at
        FROM dispatch_steps s
        WHERE s.request_id = l.request_id AND s.at <= :known_at
    ) AS past
    CROSS JOIN LATERAL (
        SELECT
            min(s.at) FILTER (WHERE s.leg_id = l.id AND s.action = ANY (:sign_by)) AS signed_at,
            min(s.at) FILTER (WHERE s.leg_id = l.id AND s.action = ANY (:contact_by)) AS contacted_at,
            -- The last answer that was neither sent back nor asked for anew.
            (array_agg(CASE WHEN s.action = ANY (:answer_by) THEN s.at END ORDER BY s.at DESC, s.id DESC) FILTER (
                WHERE s.leg_id = l.id AND (s.action = ANY (:answer_by) OR s.action IN ('send-back', 'redo'))
            ))[1] AS answered_at,
            (array_agg(CASE WHEN s.action = 'pause' THEN s.at END ORDER BY s.at DESC, s.id DESC) FILTER (
                WHERE s.leg_id = l.id AND s.action IN ('pause', 'resume', 'answer')
            ))[1] AS paused_at,
            (array_agg(s.due_at ORDER BY s.at DESC, s.id DESC) FILTER (
                WHERE s.due_at IS NOT NULL AND s.leg_id = l.id
            ))[1] AS answer_due_at,
            (array_agg(CAST(s.seen ->> 'contact_due_at' AS timestamptz) ORDER BY s.at DESC, s.id DESC) FILTER (
                WHERE s.leg_id = l.id AND s.seen ->> 'contact_due_at' IS NOT NULL
            ))[1] AS told_contact_due_at,
            coalesce(bool_or(s.leg_id = l.id AND s.action = ANY (:returned_by)), false) AS returned
        FROM dispatch_steps s
        WHERE s.request_id = l.request_id AND s.at <= least(:known_at, past.ended_at)
    ) AS seen
    WHERE past.known AND NOT r.gone
),
-- An appeal is about a round; what is redone has another answer, and is called about it again.
appeals AS MATERIALIZED (
    SELECT a.request_id, a.leg_id, a.figure, redone.at AS redone_at
    FROM requests r
    JOIN dispatch_appeals a ON a.request_id = r.id
    CROSS JOIN LATERAL (
        SELECT min(s.at) AS at
        FROM dispatch_steps s
        WHERE s.request_id = a.request_id AND s.leg_id = a.leg_id AND s.action = 'redo' AND s.round > a.round
            AND s.at <= :known_at
    ) AS redone
    WHERE a.upheld AND a.decided_at <= :known_at
),
-- A clock that is stopped does not run on, nor does that of a unit that has nothing more to do with it.
timed AS (
    SELECT clock.figure, l.id AS item, l.request_id, l.unit, clock.due_at, clock.done_at,
        clock.done_at IS NOT NULL AS done,
        coalesce(clock.done_at, l.paused_at, l.ended_at, :known_at) > clock.due_at AS late,
        l.ended_at IS NULL AS open,
        EXISTS (SELECT FROM appeals a WHERE a.leg_id = l.id AND a.figure = clock.figure
            AND (a.figure <> 'answer' OR a.redone_at IS NULL)) AS appealed
    FROM legs l
    CROSS JOIN LATERAL (VALUES
        ('sign', l.sign_due_at, l.signed_at),
        ('contact', l.contact_due_at, l.contacted_at),
        ('answer', l.answer_due_at, l.answered_at)
    ) AS clock (figure, due_at, done_at)
    WHERE clock.due_at BETWEEN :starts AND :last
),
called_back AS (
    SELECT rate.figure, r.id, r.unit, rate.counted, coalesce(rate.good, false) AS good,
        EXISTS (SELECT FROM appeals a WHERE a.request_id = r.id AND a.figure = rate.appealed
            AND CASE rate.appealed
                WHEN 'contact' THEN a.leg_id = r.lead_leg
                ELSE a.redone_at IS NULL OR a.redone_at >= m.called_at
            END) AS appealed
    FROM moved m
    JOIN requests r ON r.id = m.id AND NOT r.gone
    LEFT JOIN legs l ON l.id = r.lead_leg
    CROSS JOIN LATERAL (VALUES
        ('response', 'contact', true, l.contacted_at <= l.contact_due_at),
        ('solved', 'solved', true, m.said ->> 'solved' = 'true'),
        ('satisfied', 'satisfied', true, m.said ->> 'satisfied' = 'true'),
        ('satisfaction', 'satisfied', m.said ->> 'satisfied' IS NOT NULL, m.said ->> 'satisfied' = 'true')
    ) AS rate (figure, appealed, counted, good)
    WHERE m.called
),
marks (figure, item, request_id, unit, counted, good, excluded, pending, due_at, done_at) AS (
    SELECT 'received', r.id, r.id, r.unit, true, true, false, false, CAST(NULL AS timestamptz), r.received_at
    FROM requests r
    JOIN taken ON taken.id = r.id
    WHERE NOT r.gone
    UNION ALL
    SELECT 'transferred', r.id, r.id, r.unit, true, true, false, false, NULL, NULL
    FROM requests r
    JOIN taken ON taken.id = r.id
    WHERE r.gone
    UNION ALL
    SELECT figure, item, request_id, unit, (done OR late) AND NOT appealed, done AND NOT late AND NOT appealed,
        (done OR late) AND appealed, open AND NOT done AND NOT late, due_at, done_at
    FROM timed
    UNION ALL
    SELECT 'returned', l.id, l.request_id, l.unit, true, l.returned, false, false, NULL,
        CASE WHEN l.returned THEN l.ended_at END
    FROM legs l
    JOIN taken ON taken.id = l.request_id
    UNION ALL
    SELECT 'redone', r.id, r.id, r.unit, true, m.redone, false, false, NULL, NULL
    FROM moved m
    JOIN requests r ON r.id = m.id AND NOT r.gone
    WHERE m.answered
    UNION ALL
    SELECT figure, id, id, unit, counted AND NOT appealed, counted AND good AND NOT appealed, counted AND appealed,
        false, NULL, NULL
    FROM called_back
)
