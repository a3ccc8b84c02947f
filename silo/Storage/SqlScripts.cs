using System.Globalization;

namespace Orchestrator.Silo.Storage;

/// <summary>Numbered forward-only scripts, embedded: <c>sql/DATABASE/FAMILY/NNN_name.sql</c>.</summary>
internal static class SqlScripts
{
    /// <summary>A family's scripts in order of their numbers.</summary>
    public static IReadOnlyList<(int Version, string Sql)> Of(string database, string family)
    {
        var assembly = typeof(SqlScripts).Assembly;
        var prefix = $"sql/{database}/{family}/";
        var scripts = new List<(int Version, string Sql)>();
        foreach (var name in assembly.GetManifestResourceNames())
        {
            var path = name.Replace('\\', '/');
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                scripts.Add(
                    (
                        int.Parse(path.AsSpan(prefix.Length, 3), CultureInfo.InvariantCulture),
                        reader.ReadToEnd()
                    )
                );
            }
        }
        scripts.Sort((a, b) => a.Version.CompareTo(b.Version));
        return scripts;
    }
}
