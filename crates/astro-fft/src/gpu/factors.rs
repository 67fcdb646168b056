//! How a length is cut into passes, and a pass into stages.

/// Points of a pass, and its stages as the kernel takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) radix: usize,
    /// The radix of each stage, four bits each, the first lowest.
    pub(super) stages: u32,
}

/// Passes of at most `limit` points whose product is `length`; nothing if another prime than 2, 3, 5
/// and 7 divides it. A length of one takes no pass.
pub(super) fn passes(length: usize, limit: usize) -> Option<Vec<Pass>> {
    if !is_smooth(length) {
        return None;
    }
    if length == 1 {
        return Some(Vec::new());
    }
    let radices = (1..=32).find_map(|parts| split(length, parts, limit))?;
    Some(
        radices
            .into_iter()
            .map(|radix| Pass {
                radix,
                stages: stages(radix),
            })
            .collect(),
    )
}

/// The shortest length of at least `minimum` that needs no Bluestein.
pub(super) fn smooth_length(minimum: usize) -> usize {
    (minimum.max(1)..)
        .find(|&n| is_smooth(n))
        .unwrap_or(minimum)
}

fn is_smooth(mut n: usize) -> bool {
    for prime in [2, 3, 5, 7] {
        while n > 1 && n.is_multiple_of(prime) {
            n /= prime;
        }
    }
    n == 1
}

/// `parts` factors of at most `limit`, as equal as can be.
fn split(length: usize, parts: u32, limit: usize) -> Option<Vec<usize>> {
    if parts == 1 {
        return (length <= limit).then(|| vec![length]);
    }
    let ideal = (length as f64).powf(1.0 / f64::from(parts));
    let mut divisors: Vec<usize> = (2..=limit.min(length))
        .filter(|&d| length.is_multiple_of(d))
        .collect();
    // Two divisors can be equally far, but for rounding: then the larger one.
    divisors.sort_by_key(|&d| {
        let distance = (d as f64 / ideal).ln().abs();
        ((1e6 * distance).round() as u64, usize::MAX - d)
    });
    divisors.into_iter().find_map(|divisor| {
        let mut rest = split(length / divisor, parts - 1, limit)?;
        rest.push(divisor);
        Some(rest)
    })
}

fn stages(mut radix: usize) -> u32 {
    let mut stages = 0;
    let mut shift = 0;
    for stage in [7, 5, 3, 8, 4, 2] {
        while radix.is_multiple_of(stage) && radix > 1 {
            stages |= (stage as u32) << shift;
            shift += 4;
            radix /= stage;
        }
    }
    stages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage_list(mut stages: u32) -> Vec<u32> {
        let mut list = Vec::new();
        while stages != 0 {
            list.push(stages & 15);
            stages >>= 4;
        }
        list
    }

    #[test]
    fn passes_multiply_to_the_length_within_the_limit() {
        for length in (1..5000).chain([1 << 20, 59_049, 4 * 16_807, 1 << 14]) {
            for limit in [64, 256, 1024] {
                let Some(passes) = passes(length, limit) else {
                    assert!(!is_smooth(length));
                    continue;
                };
                assert_eq!(
                    passes.iter().map(|pass| pass.radix).product::<usize>(),
                    length
                );
                for pass in passes {
                    assert!(pass.radix <= limit && pass.radix > 1);
                    let list = stage_list(pass.stages);
                    assert!(list.len() <= 8);
                    assert_eq!(list.iter().product::<u32>() as usize, pass.radix);
                }
            }
        }
    }

    #[test]
    fn long_lengths_take_few_equal_passes() {
        let radices = |n, limit| -> Vec<usize> {
            passes(n, limit).unwrap().iter().map(|p| p.radix).collect()
        };
        assert_eq!(radices(1024, 1024), [1024]);
        assert_eq!(radices(4096, 256), [64, 64]);
        assert_eq!(radices(1 << 20, 256), [64, 128, 128]);
        assert!(passes(11, 1024).is_none());
        assert_eq!(smooth_length(11), 12);
        assert_eq!(smooth_length(2 * 4099 - 1), 8232);
    }
}
