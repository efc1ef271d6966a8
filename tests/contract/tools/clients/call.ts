// One call of each service by the types that openapi-typescript made: `node call.ts ADDRESS` with the token in TOKEN.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.ts";

declare const process: { argv: string[]; env: Record<string, string> };

const client = createClient<paths>({
  baseUrl: process.argv[2],
  headers: { Authorization: `Bearer ${process.env.TOKEN}` },
});

const coverage = await client.GET("/property/v1/coverage", { params: { query: { on: "2024-12-31" } } });
const companies = await client.GET("/credit/v1/companies", { params: { query: { limit: 5 } } });
const posts = await client.GET("/emergency/v1/headquarters-posts", { params: { query: { limit: 5 } } });
const members = await client.GET("/lawstudy/v1/members", { params: { query: { limit: 5 } } });
const units = await client.GET("/office/v1/units", { params: { query: { limit: 5 } } });
const matters = await client.GET("/dispatch/v1/matters");
const absent = await client.GET("/emergency/v1/incidents/{key}", {
  params: { path: { key: "DS-E-20000101-0001" } },
});
const problem: components["schemas"]["ProblemDetails"] | undefined = absent.error;

console.log(
  JSON.stringify({
    property: coverage.data,
    credit: companies.data,
    emergency: posts.data,
    lawstudy: members.data,
    office: units.data,
    gateway: matters.data,
    problem: problem?.type,
  }),
);
