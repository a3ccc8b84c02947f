using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Silo.Storage;

/// <summary>A step of a schema.</summary>
/// <param name="Version">From 1.</param>
/// <param name="WorksFrom">The oldest release that works on the schema after it, by the newest version that release knows.</param>
/// <param name="Sql">Its text.</param>
internal sealed record SqlScript(int Version, int WorksFrom, string Sql);

/// <summary>
/// Numbered forward-only scripts, embedded: <c>sql/DATABASE/FAMILY/NNN_name.sql</c>. A script that takes nothing away from
/// an older release says so in a line <c>-- works from N</c>; without it only releases that know the script do.
/// </summary>
internal static partial class SqlScripts
{
    /// <summary>A family's scripts in order of their numbers.</summary>
    public static IReadOnlyList<SqlScript> Of(string database, string family)
    {
        var assembly = typeof(SqlScripts).Assembly;
        var prefix = $"sql/{database}/{family}/";
        var scripts = new List<SqlScript>();
        foreach (var name in assembly.GetManifestResourceNames())
        {
            var path = name.Replace('\\', '/');
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                var sql = reader.ReadToEnd();
                var version = int.Parse(
                    path.AsSpan(prefix.Length, 3),
                    CultureInfo.InvariantCulture
                );
                var from = WorksFrom().Match(sql);
                scripts.Add(
                    new SqlScript(
                        version,
                        from.Success
                            ? int.Parse(from.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
                            : version,
                        sql
                    )
                );
            }
        }
        scripts.Sort((a, b) => a.Version.CompareTo(b.Version));
        return scripts;
    }

    [GeneratedRegex(
        @"^-- works from ([0-9]{1,3})\r?$",
        RegexOptions.Multiline | RegexOptions.CultureInvariant,
        1_000
    )]
    private static partial Regex WorksFrom();
}
