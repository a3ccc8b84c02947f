using System.Reflection;

namespace Orchestrator.SystemTests.Contracts;

/// <summary>Values of any contract type with every member set to something that is not its default.</summary>
internal sealed class Samples
{
    private int counter;

    /// <summary>One value; abstract types give their first concrete one.</summary>
    public object Make(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Make(inner);
        }
        if (type.IsEnum)
        {
            return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        }
        if (Simple(type) is { } simple)
        {
            return simple;
        }
        if (type.IsGenericType && type.GetGenericArguments() is [var item])
        {
            var list = Array.CreateInstance(item, 1);
            list.SetValue(Make(item), 0);
            return list;
        }
        if (type.IsGenericType && type.GetGenericArguments() is [var key, var value])
        {
            var map = (System.Collections.IDictionary)
                Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(key, value))!;
            map.Add(Make(key), Make(value));
            return map;
        }
        return type.IsAbstract
            ? Make(type.Assembly.GetTypes().First(t => t.IsSubclassOf(type) && !t.IsAbstract))
            : Filled(type);
    }

    private object? Simple(Type type)
    {
        counter++;
        return type switch
        {
            _ when type == typeof(string) => "s" + counter,
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => counter,
            _ when type == typeof(long) => (long)counter,
            _ when type == typeof(double) => counter + 0.5,
            _ when type == typeof(decimal) => counter + 0.25m,
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch.AddSeconds(counter),
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(counter),
            _ => null,
        };
    }

    private object Filled(Type type)
    {
        var made = type.GetConstructors()
            .Where(c => c.GetParameters() is not [var only] || only.ParameterType != type)
            .MaxBy(c => c.GetParameters().Length)!;
        var value = made.Invoke([.. made.GetParameters().Select(p => Make(p.ParameterType))]);
        foreach (
            var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanWrite && made.GetParameters().All(a => a.Name != p.Name))
        )
        {
            property.SetValue(value, Make(property.PropertyType));
        }
        return value;
    }
}
