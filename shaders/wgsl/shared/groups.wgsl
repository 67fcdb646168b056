// A dispatch of more than 65535 workgroups is two-dimensional: this is the number of one.

fn group_number(group: vec3<u32>, groups: vec3<u32>) -> u32 {
    return group.y * groups.x + group.x;
}
