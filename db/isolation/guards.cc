#include "db/isolation/guards.h"

#include <algorithm>
#include <map>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::db {
namespace {

// Names in expressions are complete where nothing is found by default.
constexpr char kQualifyNames[] = "SELECT set_config('search_path', 'pg_catalog', false)";
constexpr char kRestoreNames[] = "SELECT set_config('search_path', $1, false)";

// Owners' rights over their own are left out: they come with owning.
constexpr char kGuards[] = R"(
WITH relation AS (
    SELECT c.oid, c.relname, c.relkind, c.relacl, c.relowner, c.relrowsecurity,
        c.relforcerowsecurity, c.reloptions,
        CASE WHEN c.relispartition THEN 'partition of ' || parent.relname
            ELSE CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'S' THEN 'sequence '
                WHEN 'm' THEN 'materialized view ' WHEN 'f' THEN 'foreign table '
                ELSE 'table ' END || c.relname END AS label,
        CASE WHEN c.relispartition THEN 'partition ' ELSE 'table ' END || c.relname AS object
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
    LEFT JOIN pg_class AS parent ON parent.oid = i.inhparent
    WHERE n.nspname IN ('clinicd', 'clinicd_partitions')
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
), grantee AS (
    SELECT oid, rolname::text AS name FROM pg_roles UNION ALL SELECT 0::oid, 'PUBLIC'
)
SELECT label || ': owner ' || r.rolname || ', row security '
        || CASE WHEN relrowsecurity THEN 'enabled' ELSE 'disabled' END
        || CASE WHEN relforcerowsecurity THEN ', forced' ELSE ', not forced' END
        || COALESCE(', ' || (SELECT string_agg(o, ' ' ORDER BY o) FROM unnest(reloptions) AS o
            WHERE o LIKE 'security%'), ''), object
    FROM relation JOIN pg_roles AS r ON r.oid = relowner
UNION ALL
SELECT label || ': policies ' || string_agg(
        p.polname || ' ' || CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END
        || ' ' || p.polcmd::text || ' to ' || (SELECT string_agg(g.name, ',' ORDER BY g.name)
            FROM grantee AS g WHERE g.oid = ANY (p.polroles))
        || ' using ' || COALESCE(pg_get_expr(p.polqual, p.polrelid), '-')
        || ' check ' || COALESCE(pg_get_expr(p.polwithcheck, p.polrelid), '-'),
        '; ' ORDER BY p.polname), object
    FROM relation JOIN pg_policy AS p ON p.polrelid = relation.oid GROUP BY label, object
UNION ALL
SELECT label || ': ' || a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option'
        ELSE '' END || ' to ' || g.name, object
    FROM relation, LATERAL aclexplode(relacl) AS a JOIN grantee AS g ON g.oid = a.grantee
    WHERE a.grantee <> relowner
UNION ALL
SELECT label || ': ' || a.privilege_type || ' (' || string_agg(c.attname, ', ' ORDER BY c.attname)
        || ') to ' || g.name, object
    FROM relation
    JOIN pg_attribute AS c ON c.attrelid = relation.oid AND c.attnum > 0 AND NOT c.attisdropped,
    LATERAL aclexplode(c.attacl) AS a JOIN grantee AS g ON g.oid = a.grantee
    WHERE a.grantee <> relowner
    GROUP BY label, object, a.privilege_type, g.name
UNION ALL
SELECT 'function ' || p.oid::regprocedure::text || ': owner ' || r.rolname
        || CASE WHEN p.prosecdef THEN ', security definer' ELSE '' END
        || CASE WHEN p.proleakproof THEN ', leakproof' ELSE '' END
        || ', body ' || left(encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')),
            'hex'), 16)
        || ', execute by ' || COALESCE((SELECT string_agg(g.name, ',' ORDER BY g.name)
            FROM aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) AS a
            JOIN grantee AS g ON g.oid = a.grantee WHERE a.grantee <> p.proowner), 'nobody else'),
        'function ' || p.proname
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    JOIN pg_roles AS r ON r.oid = p.proowner
    WHERE n.nspname IN ('clinicd', 'clinicd_partitions')
UNION ALL
SELECT 'schema ' || n.nspname || ': ' || a.privilege_type || ' to ' || g.name,
        'schema ' || n.nspname
    FROM pg_namespace AS n, LATERAL aclexplode(n.nspacl) AS a JOIN grantee AS g ON g.oid = a.grantee
    WHERE n.nspname IN ('clinicd', 'clinicd_partitions') AND a.grantee <> n.nspowner
UNION ALL
SELECT 'role ' || r.rolname
        || CASE WHEN r.rolcanlogin THEN ': login' ELSE ': no login' END
        || CASE WHEN r.rolsuper THEN ', superuser' ELSE '' END
        || CASE WHEN r.rolbypassrls THEN ', bypasses row security' ELSE '' END
        || CASE WHEN r.rolcreaterole THEN ', makes roles' ELSE '' END
        || CASE WHEN r.rolcreatedb THEN ', makes databases' ELSE '' END
        || CASE WHEN r.rolreplication THEN ', replicates' ELSE '' END
        || COALESCE(', in ' || (SELECT string_agg(o.rolname, ',' ORDER BY o.rolname)
            FROM pg_auth_members AS m JOIN pg_roles AS o ON o.oid = m.roleid
            WHERE m.member = r.oid), ''), 'role ' || r.rolname
    FROM pg_roles AS r WHERE r.rolname LIKE 'clinicd\_%'
UNION ALL
SELECT 'event trigger ' || evtname || ': ' || evtevent || ' ' || evtenabled::text,
        'event trigger ' || evtname
    FROM pg_event_trigger WHERE evtname LIKE 'clinicd\_%'
)";

}  // namespace

absl::StatusOr<std::vector<Guard>> ReadGuards(AdminConnection& connection) {
  CLINICD_ASSIGN_OR_RETURN(const std::string names,
                           connection.QueryValue("SELECT current_setting('search_path')"));
  CLINICD_RETURN_IF_ERROR(connection.Query(kQualifyNames).status());
  const absl::StatusOr<AdminConnection::Rows> rows = connection.Query(kGuards);
  CLINICD_RETURN_IF_ERROR(connection.Query(kRestoreNames, {names}).status());
  CLINICD_RETURN_IF_ERROR(rows.status());
  // Of partitions that are alike, one stands for all.
  std::map<std::string, std::string> objects;
  for (const AdminConnection::Row& row : *rows) {
    objects.emplace(row.at(0).value_or(""), row.at(1).value_or(""));
  }
  std::vector<Guard> guards;
  guards.reserve(objects.size());
  for (const auto& [line, object] : objects) guards.push_back({line, object});
  return guards;
}

std::string GuardText(const std::vector<Guard>& guards) {
  std::string text;
  for (const Guard& guard : guards) absl::StrAppend(&text, guard.line, "\n");
  return text;
}

Breaches CompareGuards(const std::vector<Guard>& guards, std::string_view expected) {
  absl::btree_set<std::string> missing;
  for (const absl::string_view line : absl::StrSplit(ToAbsl(expected), '\n', absl::SkipEmpty())) {
    missing.emplace(line);
  }
  Breaches breaches;
  for (const Guard& guard : guards) {
    if (missing.erase(guard.line) > 0) continue;
    breaches.push_back({.what = "GUARD_UNKNOWN", .where = guard.object});
  }
  for (const std::string& line : missing) {
    breaches.push_back({.what = "GUARD_MISSING", .where = line.substr(0, line.find(':'))});
  }
  breaches.erase(std::unique(breaches.begin(), breaches.end()), breaches.end());
  return breaches;
}

}  // namespace clinicd::db
